//! Departments and the targets that they own.

use farshore_model::{
    Actor, DepartmentId, Problem,
    department::Department,
    view::{DepartmentStatus, DepartmentsPage, GroupCard, Topic},
};

use crate::{
    Control,
    audit::{Subject, not_found},
    groups::checked_name,
    problem::from_store,
    role_matrix::{Action, authorize},
};

/// What can be edited; `version` is the one that was read.
#[derive(Clone, Debug)]
pub struct EditDepartment {
    pub version: i64,
    pub name: String,
    pub rpo_ms: Option<i64>,
    pub rto_ms: Option<i64>,
}

const PATH: &str = "/departments";

impl Control {
    pub async fn departments_page(&self, actor: &Actor) -> Result<DepartmentsPage, Problem> {
        authorize(actor, Action::Read)?;
        let as_of = self.clock.now();
        let departments = self.store.departments().await.map_err(from_store)?;
        let (owned, ungrouped): (Vec<GroupCard>, Vec<GroupCard>) =
            self.group_cards(as_of).await?.into_iter().partition(|card| card.group.department_id.is_some());
        let departments = departments
            .into_iter()
            .map(|department| {
                let groups = owned
                    .iter()
                    .filter(|card| card.group.department_id == Some(department.id))
                    .cloned()
                    .collect();
                DepartmentStatus { department, groups }
            })
            .collect();
        let actions = self.availability(actor, &[Action::CreateDepartment, Action::EditDepartment]);
        Ok(DepartmentsPage { as_of, departments, ungrouped, actions })
    }

    pub async fn create_department(
        &self,
        actor: &Actor,
        name: &str,
        rpo_ms: Option<i64>,
        rto_ms: Option<i64>,
    ) -> Result<DepartmentId, Problem> {
        let id = DepartmentId(self.ids.next());
        self.act(actor, Action::CreateDepartment, "create_department", Subject::new(name, PATH), async {
            let department = Department {
                id,
                name: checked_name("name", name)?,
                rpo_ms: checked_target("rpo", rpo_ms)?,
                rto_ms: checked_target("rto", rto_ms)?,
                version: 1,
                created_at: self.clock.now(),
            };
            self.store.insert_department(&department).await.map_err(from_store)?;
            self.notices.publish(Topic::Overview);
            Ok(id)
        })
        .await
    }

    pub async fn edit_department(
        &self,
        actor: &Actor,
        id: DepartmentId,
        edit: EditDepartment,
    ) -> Result<(), Problem> {
        let subject = Subject::new(edit.name.clone(), PATH);
        self.act(actor, Action::EditDepartment, "edit_department", subject, async {
            let stored = self
                .store
                .department(id)
                .await
                .map_err(from_store)?
                .ok_or_else(|| not_found("department"))?;
            let department = Department {
                name: checked_name("name", &edit.name)?,
                rpo_ms: checked_target("rpo", edit.rpo_ms)?,
                rto_ms: checked_target("rto", edit.rto_ms)?,
                version: edit.version,
                ..stored
            };
            self.store.update_department(&department).await.map_err(from_store)?;
            self.notices.publish(Topic::Overview);
            Ok(())
        })
        .await
    }
}

fn checked_target(field: &str, target_ms: Option<i64>) -> Result<Option<i64>, Problem> {
    match target_ms {
        Some(ms) if ms <= 0 => Err(Problem::field(field, "A target is a length of time above zero.")),
        target => Ok(target),
    }
}
